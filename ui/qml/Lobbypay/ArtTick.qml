// It worked.
pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Shapes

ArtRing {
    id: art

    Shape {
        Stroke {
            strokeColor: art.tone
            strokeWidth: 18
            PathSvg { path: "M74 124 L106 156 L168 90" }
        }
    }
}
