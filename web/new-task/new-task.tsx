export const NewTaskScreen = () => null
