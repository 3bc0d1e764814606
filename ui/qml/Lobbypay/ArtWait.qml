// Something is going on: three dots that breathe, one after the other.
pragma ComponentBehavior: Bound
import QtQuick

Art {
    id: art

    Row {
        anchors.centerIn: parent
        spacing: 26

        Repeater {
            model: 3

            Dot {
                id: dot
                required property int index
                width: 34
                colour: art.tone

                SequentialAnimation on opacity {
                    running: art.moving
                    loops: Animation.Infinite
                    onRunningChanged: if (!running) dot.opacity = 1
                    PropertyAction { value: 0.25 }
                    PauseAnimation { duration: 300 * dot.index }
                    NumberAnimation { to: 1; duration: 400; easing.type: Easing.OutSine }
                    NumberAnimation { to: 0.25; duration: 500; easing.type: Easing.InSine }
                    PauseAnimation { duration: 300 * (3 - dot.index) }
                }
            }
        }
    }
}
