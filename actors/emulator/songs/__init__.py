"""Songs: played by a small synthesiser from what a prompt asks for."""
