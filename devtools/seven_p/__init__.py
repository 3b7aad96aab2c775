"""What the benches of a whole company share, and what `./dev bench seven_p` runs beside it: a script, workers."""
