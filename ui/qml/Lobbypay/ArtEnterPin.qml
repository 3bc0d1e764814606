// The reader waits for a PIN: four places that fill one after the other.
pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Shapes

Art {
    id: art

    Shape {
        ShapePath {
            strokeColor: Theme.ink
            strokeWidth: 5
            fillColor: Theme.card
            joinStyle: ShapePath.RoundJoin
            PathSvg { path: "M60 4 H180 Q194 4 194 18 V222 Q194 236 180 236 H60 Q46 236 46 222 V18 Q46 4 60 4 Z" }
        }
        ShapePath {
            strokeColor: Theme.ink
            strokeWidth: 4
            fillColor: Theme.paper
            joinStyle: ShapePath.RoundJoin
            PathSvg { path: "M66 24 H174 V82 H66 Z" }
        }
        Stroke {
            strokeColor: Theme.muted
            strokeWidth: 16
            PathSvg { path: "M84 112 h0.1 M120 112 h0.1 M156 112 h0.1 M84 142 h0.1 M120 142 h0.1 M156 142 h0.1 M84 172 h0.1 M120 172 h0.1 M156 172 h0.1 M120 202 h0.1" }
        }
        Stroke {
            strokeColor: Theme.bad
            strokeWidth: 16
            PathSvg { path: "M84 202 h0.1" }
        }
        Stroke {
            strokeColor: Theme.good
            strokeWidth: 16
            PathSvg { path: "M156 202 h0.1" }
        }
    }
    Row {
        x: 79
        y: 44
        spacing: 10

        Repeater {
            model: 4

            Dot {
                id: dot
                required property int index
                width: 13
                colour: art.tone

                SequentialAnimation on opacity {
                    running: art.moving
                    loops: Animation.Infinite
                    onRunningChanged: if (!running) dot.opacity = 1
                    PropertyAction { value: 0.2 }
                    PauseAnimation { duration: 450 * (dot.index + 1) }
                    PropertyAction { value: 1 }
                    PauseAnimation { duration: 450 * (5 - dot.index) }
                }
            }
        }
    }
}
