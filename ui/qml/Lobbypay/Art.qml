// What every drawing is: 240 x 240, still or moving, with one colour that means something.
pragma ComponentBehavior: Bound
import QtQuick

Item {
    property bool moving
    property color tone: Theme.brand

    width: 240
    height: 240
    Accessible.ignored: true
}
