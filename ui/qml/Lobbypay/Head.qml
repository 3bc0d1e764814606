// The one question or fact of a screen, and the few lines that explain it.
pragma ComponentBehavior: Bound
import QtQuick
import Lobbypay.Snapshots

ScrollArea {
    id: head

    required property Store store
    property bool captioned // the picture of the page has left it its words

    contentHeight: column.height
    fitted: [lines, column]
    implicitHeight: column.height
    onContentHeightChanged: Qt.callLater(head.begin)
    onHeightChanged: Qt.callLater(head.begin)

    // What went wrong comes before the question that was read already, where there is no room for both.
    function begin() {
        head.reveal(notice.visible ? notice.y : 0, notice.visible ? notice.height : 0);
    }

    Column {
        id: column
        width: head.contentWidth
        spacing: Theme.gap

        Passage {
            id: title
            objectName: "title"
            text: head.store.title.text
            speech: head.store.title.speech
            font.pixelSize: Theme.heading
            font.bold: true
            lineHeight: 1.05
            width: parent.width
            Accessible.role: Accessible.Heading
        }
        Notice {
            id: notice
            seen: head.shows(y + signY, signHeight, head.viewTop, head.viewBottom)
            visible: head.store.notice.present
            text: head.store.notice.text
            speech: head.store.notice.speech
            width: parent.width
            onTextChanged: Qt.callLater(head.begin)
        }
        Caption {
            id: caption
            part: head.store.picture
            tone: Theme.tone(head.store.tone)
            seen: head.shows(y + signY, signHeight, head.viewTop, head.viewBottom)
            visible: head.captioned && signed.length > 0
            width: parent.width
        }
        Column {
            id: lines
            width: parent.width
            spacing: Theme.apart
            visible: head.store.lines.count > 0

            Repeater {
                model: head.store.lines

                Passage {
                    required property int index
                    objectName: "line:" + index
                    anchors.left: parent?.left // narrower than the column, and at its right where reading begins there
                    width: Math.min(parent?.width ?? 0, Theme.px((head.captioned ? 76 : 42) * 0.52 * 34) * Theme.grown)
                    lineHeight: 1.15
                    wrapMode: Text.Wrap // a name may be one word of any length
                    color: Theme.muted
                    required text
                    required speech
                }
            }
        }
    }
    Connections {
        target: head.store
        function onTurned() {
            Qt.callLater(head.begin);
            title.Accessible.announce(title.speech);
        }
    }
}
