// A statement's lines. Only the rows in view are drawn; a long bill scrolls.
pragma ComponentBehavior: Bound
import QtQuick
import Lobbypay.Snapshots

Item {
    id: bill

    required property BillList model

    // what explains the bill, at its end where the page has no room for it
    required property ActionList more

    // the keys that scroll stand at its foot, both
    property bool low

    // Not a binding: the scroll keys take room from the rows, which may grow by that, and the question would ask itself again.
    property bool overflowing

    // a long bill is known by its count, before a row is laid out: rows whose room changes are laid out twice
    function measure() {
        overflowing = list.count * (Theme.label + Theme.apart) > list.height || list.contentHeight > list.height + 1;
    }

    // told by the count as well: how high the rows are is known once they have their room
    implicitHeight: Math.min(list.count, Theme.roomy ? 5 : 4) * Theme.body * 1.5

    Rectangle {
        width: parent.width
        height: bill.overflowing ? parent.height : list.contentHeight + 2 * Theme.gap
        radius: Theme.corner
        color: Theme.card
        border.width: Theme.line
        border.color: Theme.edge
    }
    ListView {
        id: list
        objectName: "bill"
        activeFocusOnTab: true
        highlightFollowsCurrentItem: false
        onCurrentIndexChanged: positionViewAtIndex(currentIndex, ListView.Contain)
        anchors.fill: parent
        anchors.margins: Theme.gap
        anchors.leftMargin: Theme.gap - Theme.apart // the rows keep the rest, for their ring
        anchors.rightMargin: bill.overflowing ? Theme.touch + Theme.apart : Theme.gap - Theme.apart
        model: bill.model
        clip: bill.overflowing
        interactive: bill.overflowing
        boundsBehavior: Flickable.StopAtBounds
        pixelAligned: true
        Accessible.role: Accessible.List
        Accessible.ignored: !enabled
        onCountChanged: Qt.callLater(bill.measure)
        onHeightChanged: Qt.callLater(bill.measure)
        onContentHeightChanged: Qt.callLater(bill.measure)

        delegate: BillRow {
            width: list.width
        }
        footer: Column {
            width: list.width
            visible: !Theme.roomy && bill.more.count > 0
            height: visible ? implicitHeight : 0
            topPadding: Theme.gap
            spacing: Theme.apart

            Repeater {
                model: bill.more

                MoreButton {
                    visible: intent !== "help-paying" // it is in the top bar, and needs no search
                    x: Theme.apart
                    width: list.width - 2 * Theme.apart
                }
            }
        }
    }
    ScrollCue {
        flickable: list
        visible: bill.overflowing
        anchors.right: parent.right
        anchors.rightMargin: Theme.apart
        y: bill.low ? parent.height - height - Theme.apart : Theme.apart
        height: bill.low ? Math.min(2 * Theme.touch + 3 * Theme.apart, parent.height - 2 * Theme.apart) : parent.height - 2 * Theme.apart
    }
}
