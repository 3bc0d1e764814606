// A card going into the reader.
pragma ComponentBehavior: Bound
ArtCard { inserting: true }
