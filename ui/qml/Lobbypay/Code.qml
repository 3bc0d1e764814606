// A QR code for a telephone's camera, dark on light in every theme, and the words under it.
pragma ComponentBehavior: Bound
import QtQuick
import Lobbypay.Snapshots

Item {
    id: code

    required property CodeRows model
    required property SaidPart caption

    readonly property int quiet: 4 // modules of nothing on each side (ISO/IEC 18004)
    readonly property int across: model.count + 2 * quiet
    readonly property real under: words.height + Theme.gap
    // whole pixels: a module that is wider than its neighbour is harder to read
    readonly property int module: Math.floor(Math.min(width, height - under, Theme.px(640)) / across)

    implicitHeight: Theme.px(340) + under

    Rectangle {
        id: sheet
        objectName: "code"
        LayoutMirroring.enabled: false
        LayoutMirroring.childrenInherit: true
        color: Theme.codePaper
        width: code.across * code.module
        height: width
        x: (code.width - width) / 2
        y: Math.max(0, (code.height - height - code.under) / 2)

        Repeater {
            model: code.model

            Row {
                id: row

                required property string modules
                required property int index

                x: code.quiet * code.module
                y: (code.quiet + index) * code.module

                Repeater {
                    model: row.modules.match(/0+|1+/g) // a rectangle for each run of like modules

                    Rectangle {
                        required property string modelData
                        color: modelData[0] === "1" ? Theme.codeInk : Theme.codePaper
                        width: modelData.length * code.module
                        height: code.module
                    }
                }
            }
        }
    }
    Passage {
        id: words
        objectName: "caption"
        text: code.caption.text
        speech: code.caption.speech
        font.pixelSize: Theme.body
        font.bold: true
        width: parent.width
        horizontalAlignment: Text.AlignHCenter
        y: sheet.y + sheet.height + Theme.gap
    }
}
