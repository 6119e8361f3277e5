"""How everything looks: colours and sizes by role, the palette, the style sheet, glyphs tinted at run time."""
