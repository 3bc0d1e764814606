// It did not work, and nothing was charged.
pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Shapes

ArtRing {
    id: art

    Shape {
        Stroke {
            strokeColor: art.tone
            strokeWidth: 18
            PathSvg { path: "M84 84 L156 156 M156 84 L84 156" }
        }
    }
}
