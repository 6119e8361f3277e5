"""The few building blocks that every window is made of: texts, glyphs, cards, buttons, rows and columns."""
