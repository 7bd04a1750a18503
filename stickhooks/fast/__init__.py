"""What only the start-up budget forces: replacements of library modules that start too slowly."""
