// A bill held under the camera: the page comes up into the light.
pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Shapes

Art {
    id: art

    Shape {
        ShapePath {
            strokeColor: "transparent"
            fillColor: Qt.alpha(art.tone, 0.22)
            PathSvg { path: "M84 34 H156 L204 150 H36 Z" }
        }
        ShapePath {
            strokeColor: Theme.ink
            strokeWidth: 5
            fillColor: Theme.ink
            joinStyle: ShapePath.RoundJoin
            PathSvg { path: "M34 5 H206 V20 Q206 35 190 35 H50 Q34 35 34 20 Z" }
        }
        Stroke {
            strokeColor: art.tone
            strokeWidth: 10
            PathSvg { path: "M92 28 H148" }
        }
    }
    Sheet {
        id: page
        x: 60
        y: 76

        SequentialAnimation on y {
            running: art.moving
            loops: Animation.Infinite
            NumberAnimation { from: 90; to: 60; duration: 1400; easing.type: Easing.InOutSine }
            PauseAnimation { duration: 500 }
            NumberAnimation { from: 60; to: 90; duration: 1400; easing.type: Easing.InOutSine }
        }
    }
}
