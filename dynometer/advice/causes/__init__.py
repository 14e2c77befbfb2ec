"""R0 to R9 of the science, one function each: what two agreeing signals say about one kind of cause."""
