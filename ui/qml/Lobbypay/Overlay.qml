// A question over the screen: what is under it is dimmed and takes no touch.
pragma ComponentBehavior: Bound
import QtQuick
import Lobbypay.Snapshots

Item {
    id: overlay

    required property OverlayPart part
    property bool low

    // nothing reaches the page below
    MouseArea { anchors.fill: parent; hoverEnabled: true }

    Rectangle {
        anchors.fill: parent
        color: Theme.dim
    }
    Rectangle {
        id: card
        width: Math.min(overlay.width - 2 * Theme.margin, Theme.px(952 * Theme.grown))
        height: Math.min(overlay.height - 2 * Theme.padding, words.implicitHeight + actions.height + 3 * Theme.padding)
        anchors.horizontalCenter: parent.horizontalCenter
        // low enough for a seated hand
        y: overlay.height - height - Math.min(overlay.low ? Theme.padding : Theme.px(240), (overlay.height - height) / 2)
        radius: Theme.corner
        color: Theme.card
        border.width: Theme.line
        border.color: Theme.edge
        Accessible.role: Accessible.Dialog
        Accessible.name: overlay.part.title.speech

        ScrollArea {
            id: words
            implicitHeight: contentHeight
            contentHeight: column.height
            fitted: [column]
            x: Theme.padding
            y: Theme.padding
            width: parent.width - 2 * Theme.padding
            height: parent.height - actions.height - 3 * Theme.padding

            Column {
                id: column
                width: words.contentWidth
                spacing: Theme.gap

                Countdown {
                    visible: overlay.part.seconds > 0
                    seen: words.shows(y, height, words.viewTop, words.viewBottom)
                    seconds: overlay.part.seconds
                    anchors.horizontalCenter: parent.horizontalCenter
                }
                Passage {
                    objectName: "overlay-title"
                    text: overlay.part.title.text
                    speech: overlay.part.title.speech
                    font.pixelSize: Theme.heading
                    font.bold: true
                    width: parent.width
                    Accessible.role: Accessible.Heading
                }
                Repeater {
                    model: overlay.part.lines

                    Passage {
                        required property int index
                        objectName: "overlay-line:" + index
                        required text
                        required speech
                        color: Theme.muted
                        lineHeight: 1.15
                        width: column.width
                    }
                }
            }
        }
        Grid {
            id: actions
            columns: overlay.part.actions.count > 3 || overlay.part.actions.count > 1 && card.width > Theme.px(1200) ? 2 : 1 // many short answers, and all of them in reach
            readonly property real cell: (width - (columns - 1) * spacing) / columns
            x: Theme.padding
            y: parent.height - height - Theme.padding
            width: parent.width - 2 * Theme.padding
            spacing: Theme.apart

            Repeater {
                model: overlay.part.actions

                OverlayButton { width: actions.cell }
            }
        }
    }
}
