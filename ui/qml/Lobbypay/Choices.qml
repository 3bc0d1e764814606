// Large buttons, one under the other: one of them is the answer.
pragma ComponentBehavior: Bound
import QtQuick
import Lobbypay.Snapshots

ScrollArea {
    id: choices

    required property ActionList model

    contentHeight: column.height
    // told by their number: the room that they get decides how wide they are, and that how high
    implicitHeight: Math.min(model.count, 3) * Theme.primary

    Column {
        id: column
        width: choices.contentWidth
        y: Math.max(0, choices.height - height)
        spacing: Theme.gap

        Repeater {
            model: choices.model

            ChoiceButton {
                width: column.width
                seen: choices.shows(column.y + y, height, choices.viewTop, choices.viewBottom)
            }
        }
    }
}
