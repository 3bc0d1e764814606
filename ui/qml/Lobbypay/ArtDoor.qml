// You can go: an open door.
pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Shapes

Art {
    id: art

    Shape {
        ShapePath {
            strokeColor: Theme.ink
            strokeWidth: 6
            fillColor: Qt.tint(Theme.card, Qt.alpha(art.tone, Theme.contrast ? 0 : 0.14))
            joinStyle: ShapePath.RoundJoin
            PathSvg { path: "M66 18 H182 V226 H66 Z" }
        }
        ShapePath {
            strokeColor: Theme.ink
            strokeWidth: 6
            fillColor: art.tone
            joinStyle: ShapePath.RoundJoin
            PathSvg { path: "M66 18 L128 38 V240 L66 226 Z" }
        }
        Stroke {
            strokeColor: Theme.card
            strokeWidth: 10
            PathSvg { path: "M114 134 v0.1" }
        }
        Stroke {
            strokeColor: Theme.ink
            strokeWidth: 6
            PathSvg { path: "M22 226 H66 M182 226 H218" }
        }
    }
}
