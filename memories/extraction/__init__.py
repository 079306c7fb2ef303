"""Extracted: texts become mentions of people, places, organisations and topics."""
