"""An expansion of the schema as the next version could bring it: what drill 18 migrates under load."""
