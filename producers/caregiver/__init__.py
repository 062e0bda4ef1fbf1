"""The caregiver's phone page, the door its phone speaks through, and what both read."""
