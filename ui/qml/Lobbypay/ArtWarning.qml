// Read this first.
pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Shapes

Art {
    id: art

    Shape {
        ShapePath {
            strokeColor: art.tone
            strokeWidth: 12
            fillColor: Theme.contrast ? Theme.card : Qt.tint(Theme.card, Qt.alpha(art.tone, 0.12))
            joinStyle: ShapePath.RoundJoin
            PathSvg { path: "M120 22 L226 210 H14 Z" }
        }
        Stroke {
            strokeColor: art.tone
            strokeWidth: 16
            PathSvg { path: "M120 92 V142 M120 174 V174.2" }
        }
    }
}
