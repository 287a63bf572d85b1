"""emogap: how far can speech emotion recognition be trusted on synthesized speech?"""

__version__ = "0.1.0"
