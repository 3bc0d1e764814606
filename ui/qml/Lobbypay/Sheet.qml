// A printed page as the drawings show it: a folded corner, a square code, lines of text.
pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Shapes

Shape {
    id: sheet

    property color tone: Theme.brand

    width: 120
    height: 150

    ShapePath {
        strokeColor: Theme.ink
        strokeWidth: 5
        fillColor: Theme.card
        joinStyle: ShapePath.RoundJoin
        PathSvg { path: "M4 4 H88 L116 32 V146 H4 Z" }
    }
    Stroke {
        strokeColor: Theme.ink
        strokeWidth: 5
        PathSvg { path: "M88 4 V32 H116" }
    }
    Stroke {
        strokeColor: Theme.muted
        strokeWidth: 6
        PathSvg { path: "M20 92 H98 M20 110 H98 M20 128 H66" }
    }
    ShapePath {
        strokeColor: "transparent"
        fillColor: Theme.ink
        fillRule: ShapePath.OddEvenFill
        PathSvg {
            path: "M20 20 h16 v16 h-16 z M24 24 v8 h8 v-8 z M46 20 h16 v16 h-16 z M50 24 v8 h8 v-8 z M20 46 h16 v16 h-16 z M24 50 v8 h8 v-8 z M40 38 h6 v6 h-6 z M50 42 h6 v6 h-6 z M58 48 h6 v6 h-6 z M44 50 h6 v6 h-6 z M52 56 h10 v6 h-10 z"
        }
    }
}
