"""The provider's office: offers, its caregivers' day, shifts, people, complaints, statement."""
