"""Travel from outside: tables in files, and road routers over HTTP. For planners and followers alone."""
