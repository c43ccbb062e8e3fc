"""How a credential travels: baked into a PNG or an SVG, attached to a PDF, or bare. Bytes in, bytes out."""
