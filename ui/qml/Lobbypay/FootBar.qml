// Always the same, always there: text size, contrast, listen, call for help.
pragma ComponentBehavior: Bound
import QtQuick
import Lobbypay.Snapshots

Rectangle {
    id: bar

    required property ActionList model

    // two rows when the words have grown and the window is narrow
    readonly property int columns: width / Math.max(1, model.count) < Theme.px(160) * Theme.grown + (Theme.roomy ? 0 : Theme.px(60)) ? Math.ceil(model.count / 2) : Math.max(1, model.count)
    readonly property real cell: (width - 2 * Theme.gap - (columns - 1) * Theme.apart) / columns

    implicitHeight: grid.height + 2 * Theme.apart
    color: Theme.card

    Rectangle {
        width: parent.width
        height: Theme.line
        color: Theme.edge
    }
    Grid {
        id: grid
        x: Theme.gap
        y: Theme.apart
        columns: bar.columns
        spacing: Theme.apart
        verticalItemAlignment: Grid.AlignVCenter // beside one whose words take two lines

        Repeater {
            model: bar.model

            FootButton { width: bar.cell }
        }
    }
}
