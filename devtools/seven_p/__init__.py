"""What `./dev bench seven_p` runs beside the product: a script without it, the same measures with it, and workers."""
