// A bill held over the reader: the page comes down to the light.
pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Shapes

Art {
    id: art

    Shape {
        ShapePath {
            strokeColor: "transparent"
            fillColor: Qt.alpha(art.tone, 0.22)
            PathSvg { path: "M84 206 H156 L196 120 H44 Z" }
        }
        ShapePath {
            strokeColor: Theme.ink
            strokeWidth: 5
            fillColor: Theme.ink
            joinStyle: ShapePath.RoundJoin
            PathSvg { path: "M34 236 V222 Q34 206 50 206 H190 Q206 206 206 222 V236 Z" }
        }
        Stroke {
            strokeColor: art.tone
            strokeWidth: 10
            PathSvg { path: "M92 213 H148" }
        }
    }
    Sheet {
        id: page
        x: 60
        y: 16

        SequentialAnimation on y {
            running: art.moving
            loops: Animation.Infinite
            NumberAnimation { from: 2; to: 36; duration: 1400; easing.type: Easing.InOutSine }
            PauseAnimation { duration: 500 }
            NumberAnimation { from: 36; to: 2; duration: 1400; easing.type: Easing.InOutSine }
        }
    }
}
