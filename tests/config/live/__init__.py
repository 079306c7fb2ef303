"""A web server as the Procfile runs it, with a few addresses of its own, in a process of its own."""
