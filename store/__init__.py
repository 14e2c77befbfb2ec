"""What is kept: tables, named queries, migrations.  Nothing here decides or computes."""
