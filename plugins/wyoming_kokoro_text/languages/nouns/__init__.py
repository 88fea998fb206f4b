"""Genders of the nouns that stand after numbers: what a house, a timer, a calendar and a shopping list contain.

Each language lists the singular of its nouns by gender. Adjectives that stand before nouns, such as `nueva`, are listed
as well. The plural follows from the rules of the language.
"""
