// A language, in its own words; the one being spoken is filled.
pragma ComponentBehavior: Bound
import QtQuick

Touch {
    id: button

    required text
    required speech
    required intent
    required value
    property bool current

    objectName: "top:" + value
    face: current ? Theme.brand : Theme.card
    facePressed: current ? Theme.brandPressed : Theme.pressed
    edgeWidth: current ? 0 : Theme.line
    Accessible.role: Accessible.RadioButton
    Accessible.checkable: true
    Accessible.checked: current

    contentItem: Words {
        text: button.text
        color: button.current ? Theme.brandInk : Theme.ink
        font.pixelSize: Theme.label
        font.bold: button.current
        wrapMode: Text.NoWrap
        horizontalAlignment: Text.AlignHCenter
        verticalAlignment: Text.AlignVCenter
        Accessible.ignored: true
    }
}
