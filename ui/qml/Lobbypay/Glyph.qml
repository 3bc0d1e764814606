// A small sign beside words: drawn on a 24 x 24 grid, in the colour of the words.
pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Shapes

Item {
    id: glyph

    required property string name
    property color colour: Theme.ink

    readonly property var paths: ({
        "back": "M15 4 L7 12 L15 20",
        "cancel": "M5 5 L19 19 M19 5 L5 19",
        "next": "M9 4 L17 12 L9 20",
        "up": "M4 15 L12 7 L20 15",
        "down": "M4 9 L12 17 L20 9",
        "erase": "M8 5 H21 V19 H8 L2 12 Z M11 9 L17 15 M17 9 L11 15",
        "text-size": "M2 19 L8 5 L14 19 M4.2 14 H11.8 M14 19 L18 10 L22 19 M15.4 16 H20.6",
        "theme": "M12 3 A9 9 0 1 0 12 21 A9 9 0 1 0 12 3 M12 3 V21 M15 4 V20 M18 6 V18",
        "listen": "M3 9 V15 H7 L12 20 V4 L7 9 Z M16 8 A6 6 0 0 1 16 16 M19 5 A10 10 0 0 1 19 19",
        "help": "M4 20 C4 15 8 14 12 14 C16 14 20 15 20 20 Z M12 3 A4 4 0 1 0 12 11 A4 4 0 1 0 12 3",
        "language": "M12 3 A9 9 0 1 0 12 21 A9 9 0 1 0 12 3 M3 12 H21 M12 3 C7 8 7 16 12 21 M12 3 C17 8 17 16 12 21",
        "warn": "M12 3 L22 20 H2 Z M12 10 V14.5 M12 17.2 V17.3",
        "bad": "M12 2.5 A9.5 9.5 0 1 0 12 21.5 A9.5 9.5 0 1 0 12 2.5 M12 7 V13 M12 16.7 V16.8",
        "good": "M12 2.5 A9.5 9.5 0 1 0 12 21.5 A9.5 9.5 0 1 0 12 2.5 M7.5 12.5 L10.8 15.8 L16.5 9",
        "on": "M4 4 H20 V20 H4 Z M7.5 12.5 L10.8 15.8 L16.5 9",
        "off": "M4 4 H20 V20 H4 Z",
        "clock": "M12 2.5 A9.5 9.5 0 1 0 12 21.5 A9.5 9.5 0 1 0 12 2.5 M12 7 V12.3 L15.5 14.5",
        "site": "M12 3 V21 M3 12 H21"
    })

    // where reading goes from right to left, forward is left
    readonly property string shown: !LayoutMirroring.enabled ? name : name === "back" ? "next" : name === "next" ? "back" : name

    implicitWidth: Theme.px(36)
    implicitHeight: Theme.px(36)

    Shape {
        width: 24
        height: 24
        scale: glyph.width / 24
        transformOrigin: Item.TopLeft

        Stroke {
            strokeColor: glyph.colour
            strokeWidth: 2.2
            PathSvg { path: glyph.paths[glyph.shown] ?? "" }
        }
    }
}
