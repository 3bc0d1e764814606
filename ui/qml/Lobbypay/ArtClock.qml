// It takes time: later, not yet, wait for word.
pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Shapes

ArtRing {
    id: art

    Shape {
        Stroke {
            strokeColor: art.tone
            strokeWidth: 14
            PathSvg { path: "M120 68 V124 L158 146" }
        }
        Stroke {
            strokeColor: art.tone
            strokeWidth: 8
            PathSvg { path: "M120 34 V40 M120 200 V206 M34 120 H40 M200 120 H206" }
        }
    }
}
