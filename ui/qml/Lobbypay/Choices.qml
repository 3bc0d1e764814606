// Large buttons, one under the other: one of them is the answer. Over them a picture, where there is one and room for it.
pragma ComponentBehavior: Bound
import QtQuick
import Lobbypay.Snapshots

ScrollArea {
    id: choices

    required property ActionList model
    required property PicturePart picture
    required property string tone
    required property real inReach

    // rather lower than scrolled: who does not see his language does not look for it
    readonly property real tall: Math.max(Theme.touch, Math.min(Theme.primary, (Math.min(height, inReach) + column.spacing) / Math.max(1, model.count) - column.spacing))
    // what is chosen or not may be scrolled: who has many bills knows of them
    readonly property bool marked: rows.count > 0 && (rows.itemAt(0) as ChoiceRow)?.mark.length > 0
    readonly property real over: height - column.height - Theme.padding

    contentHeight: column.height
    fitted: [column]
    // told by their number: the room that they get decides how wide they are, and that how high. Grown words: five rows of one
    // line, or two of two
    readonly property real least: Theme.roomy ? Theme.touch : marked ? 2 * Theme.touch : Math.max(Theme.touch, 1.5 * Theme.body)
    implicitHeight: Math.max(Math.min(model.count, marked ? 2 : 5) * (least + column.spacing), marked || Theme.roomy ? 0 : Math.min(model.count, 2) * (2 * least + column.spacing))

    Drawing {
        name: choices.picture.name
        names: [] // those that were here once: each comes again with the next visit
        onDrawnChanged: if (drawn.length > 0 && !names.includes(drawn))
            names = [...names, drawn]
        visible: name.length > 0 && width >= Theme.px(240)
        moving: choices.picture.moving && visible && Theme.motion
        tone: Theme.tone(choices.tone)
        width: Math.max(0, Math.min(choices.over, choices.width, Theme.px(560)))
        height: width
        x: (choices.width - width) / 2
        y: (choices.over - height) / 2
    }
    Column {
        id: column
        width: choices.contentWidth
        y: Math.max(0, choices.height - height)
        spacing: Theme.roomy ? Theme.gap : Theme.apart

        Repeater {
            id: rows
            model: choices.model

            ChoiceRow {
                width: column.width
                tall: choices.tall
                seen: choices.shows(column.y + y + signY, signHeight, choices.viewTop, choices.viewBottom)
            }
        }
    }
}
