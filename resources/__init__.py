"""Icons, styles, schemas, sample data: what is shipped and is no code."""
