// The receipt comes out of its slot.
pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Shapes

Art {
    id: art

    Item {
        x: 50
        y: 66
        width: 140
        height: 174
        clip: true

        Shape {
            id: slip
            x: 20
            y: 0

            ShapePath {
                strokeColor: Theme.ink
                strokeWidth: 5
                fillColor: Theme.card
                joinStyle: ShapePath.RoundJoin
                PathSvg { path: "M4 -40 V150 L16 142 L27 150 L38 142 L50 150 L62 142 L73 150 L84 142 L96 150 V-40 Z" }
            }
            Stroke {
                strokeColor: Theme.muted
                strokeWidth: 6
                PathSvg { path: "M24 34 H76 M24 54 H76 M24 74 H52" }
            }
            Stroke {
                strokeColor: art.tone
                strokeWidth: 9
                PathSvg { path: "M24 106 H76" }
            }
            SequentialAnimation on y {
                running: art.moving
                loops: Animation.Infinite
                onRunningChanged: if (!running) slip.y = 0
                NumberAnimation { from: -110; to: 0; duration: 1600; easing.type: Easing.OutSine }
                PauseAnimation { duration: 900 }
            }
        }
    }
    Shape {
        ShapePath {
            strokeColor: Theme.ink
            strokeWidth: 5
            fillColor: Theme.paper
            joinStyle: ShapePath.RoundJoin
            PathSvg { path: "M34 14 H206 Q220 14 220 28 V66 H20 V28 Q20 14 34 14 Z" }
        }
        Stroke {
            strokeColor: Theme.ink
            strokeWidth: 10
            PathSvg { path: "M50 66 H190" }
        }
        Stroke {
            strokeColor: art.tone
            strokeWidth: 9
            PathSvg { path: "M188 38 h0.1" }
        }
    }
}
