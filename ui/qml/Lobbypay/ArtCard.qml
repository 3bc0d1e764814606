// A card going into the reader, or coming out of it.
pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Shapes

Art {
    id: art

    property bool inserting: true

    Item {
        width: 240
        height: 240

        Shape {
            id: card
            x: 82
            y: 130

            ShapePath {
                strokeColor: Theme.ink
                strokeWidth: 5
                fillColor: art.tone
                joinStyle: ShapePath.RoundJoin
                PathSvg { path: "M10 3 H66 Q73 3 73 10 V96 Q73 103 66 103 H10 Q3 103 3 96 V10 Q3 3 10 3 Z" }
            }
            ShapePath {
                strokeColor: Theme.ink
                strokeWidth: 3
                fillColor: Theme.card
                PathSvg { path: "M26 14 H50 V34 H26 Z" }
            }
            Stroke {
                strokeColor: Theme.card
                strokeWidth: 6
                PathSvg { path: "M18 58 V88 M34 70 V88" }
            }
            SequentialAnimation on y {
                running: art.moving
                loops: Animation.Infinite
                NumberAnimation { from: art.inserting ? 136 : 100; to: art.inserting ? 100 : 136; duration: 1100; easing.type: Easing.InOutCubic }
                PauseAnimation { duration: 900 }
                NumberAnimation { to: art.inserting ? 136 : 100; duration: 500; easing.type: Easing.InOutSine }
            }
        }
    }
    Shape {
        ShapePath {
            strokeColor: Theme.ink
            strokeWidth: 5
            fillColor: Theme.card
            joinStyle: ShapePath.RoundJoin
            PathSvg { path: "M60 4 H180 Q194 4 194 18 V138 Q194 152 180 152 H60 Q46 152 46 138 V18 Q46 4 60 4 Z" }
        }
        ShapePath {
            strokeColor: Theme.ink
            strokeWidth: 4
            fillColor: Theme.paper
            joinStyle: ShapePath.RoundJoin
            PathSvg { path: "M66 22 H174 V62 H66 Z" }
        }
        Stroke {
            strokeColor: Theme.muted
            strokeWidth: 9
            PathSvg { path: "M84 82 h0.1 M120 82 h0.1 M156 82 h0.1 M84 104 h0.1 M120 104 h0.1 M156 104 h0.1" }
        }
        Stroke {
            strokeColor: Theme.ink
            strokeWidth: 9
            PathSvg { path: "M76 132 H164" }
        }
        Stroke {
            strokeColor: art.tone
            strokeWidth: 5
            PathSvg { path: art.inserting ? "M120 54 V32 M111 40 L120 31 L129 40" : "M120 30 V52 M111 44 L120 53 L129 44" }
        }
    }
}
