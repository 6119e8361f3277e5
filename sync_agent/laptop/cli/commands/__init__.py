"""One file a family of commands; loaded when one of them is named."""
