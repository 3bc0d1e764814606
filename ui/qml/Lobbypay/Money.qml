// An amount: the currency sign at 60 % of its size, digits of equal width, never broken, left to right in every language.
pragma ComponentBehavior: Bound
import QtQuick

Item {
    id: money

    required property string text
    property string speech: text
    property color colour: Theme.ink
    property int size: Theme.amount

    // "-$1,250.00", "1.250,00 €": whatever stands before the first digit, the number, whatever follows the last
    readonly property var parts: /^([^0-9]*)([0-9].*[0-9]|[0-9])?([^0-9]*)$/.exec(text.replace(/[\u2066-\u2069\u200e\u200f]/g, "")) ?? ["", "", text, ""]

    implicitWidth: row.implicitWidth
    implicitHeight: row.implicitHeight
    Accessible.role: Accessible.StaticText
    Accessible.name: speech
    Accessible.ignored: !enabled

    Row {
        id: row
        LayoutMirroring.enabled: false

        Words {
            anchors.baseline: number.baseline
            text: money.parts[1]
            color: money.colour
            font.pixelSize: Math.round(money.size * 0.6)
            wrapMode: Text.NoWrap
            Accessible.ignored: true
        }
        Words {
            id: number
            text: money.parts[2] ?? ""
            color: money.colour
            font.pixelSize: money.size
            font.bold: true
            wrapMode: Text.NoWrap
            Accessible.ignored: true
        }
        Words {
            anchors.baseline: number.baseline
            text: money.parts[3]
            color: money.colour
            font.pixelSize: Math.round(money.size * 0.6)
            wrapMode: Text.NoWrap
            Accessible.ignored: true
        }
    }
}
