"""People of a tenant: tutors, students, guardians."""
