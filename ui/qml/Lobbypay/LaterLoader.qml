// Loads a file when it is first wanted, and keeps what it made: the first frame does not wait for what it does not show.
pragma ComponentBehavior: Bound
import QtQuick

Loader {
    required property url file
    required property bool wanted
    property var properties: ({})

    function want() {
        if (wanted && status === Loader.Null)
            setSource(file, properties);
    }

    visible: wanted
    onWantedChanged: want()
    Component.onCompleted: want()
}
