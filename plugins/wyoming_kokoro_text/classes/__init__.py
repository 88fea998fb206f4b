"""Rules for classes of notation, such as dates and money, that several languages share."""
