// A printed page as the drawings show it: a folded corner, lines of text, a square code.
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
        PathSvg { path: "M22 30 H64 M22 50 H98 M22 68 H98" }
    }
    ShapePath {
        strokeColor: "transparent"
        fillColor: Theme.ink
        fillRule: ShapePath.OddEvenFill
        PathSvg {
            path: "M56 86 h16 v16 h-16 z M60 90 v8 h8 v-8 z M82 86 h16 v16 h-16 z M86 90 v8 h8 v-8 z M56 112 h16 v16 h-16 z M60 116 v8 h8 v-8 z M76 104 h6 v6 h-6 z M86 108 h6 v6 h-6 z M94 114 h6 v6 h-6 z M80 116 h6 v6 h-6 z M88 122 h10 v6 h-10 z"
        }
    }
}
