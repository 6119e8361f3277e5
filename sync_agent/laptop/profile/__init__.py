"""The folder under which all of one user's state lives: where it is, what is in it, who holds it."""
