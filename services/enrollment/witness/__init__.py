"""Holds the issuer to its log: keeps the newest head it told, and sounds the alarm where a later one contradicts it."""
