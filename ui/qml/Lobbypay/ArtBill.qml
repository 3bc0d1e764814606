// A bill, and where its number stands.
pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Shapes

Art {
    id: art

    Shape {
        ShapePath {
            strokeColor: Theme.ink
            strokeWidth: 6
            fillColor: Theme.card
            joinStyle: ShapePath.RoundJoin
            PathSvg { path: "M40 10 H162 L200 48 V230 H40 Z" }
        }
        Stroke {
            strokeColor: Theme.ink
            strokeWidth: 6
            PathSvg { path: "M162 10 V48 H200" }
        }
        Stroke {
            strokeColor: Theme.muted
            strokeWidth: 7
            PathSvg { path: "M62 40 H118 M62 146 H178 M62 170 H178 M62 194 H132" }
        }
        ShapePath {
            strokeColor: art.tone
            strokeWidth: 7
            fillColor: Qt.alpha(art.tone, 0.22)
            joinStyle: ShapePath.RoundJoin
            PathSvg { path: "M82 70 H180 V114 H82 Z" }
        }
        Stroke {
            strokeColor: Theme.ink
            strokeWidth: 9
            PathSvg { path: "M100 92 h10 M126 92 h10 M152 92 h10" }
        }
    }
}
