"""The hotline console: the caller's card, who can come, booking, emergencies."""
