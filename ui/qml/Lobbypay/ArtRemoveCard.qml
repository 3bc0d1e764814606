// A card coming out of the reader.
pragma ComponentBehavior: Bound
ArtCard { inserting: false }
