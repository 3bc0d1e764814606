// One of the actions that explain a screen.
pragma ComponentBehavior: Bound
import QtQuick

QuietButton {
    required text
    required speech
    required intent
    required value

    objectName: "more:" + intent
}
