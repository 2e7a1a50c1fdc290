# One program, three lines.
