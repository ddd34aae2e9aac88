"""What a film is put together from: used by the Editor and the Composer."""
